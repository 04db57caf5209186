-- Pages for people, bounded by rows and by bytes, at least one row each. Functions, because SQL alone cannot stop at
-- a sum without having read all of it. A row marked `beyond` says that the page is not the last one; it holds no values.

-- Of one flow's history, or of everybody's.
create function history_page(everybody boolean, of_flow uuid, after_id bigint, rows_max bigint, row_bytes bigint,
                             bytes_max bigint)
  returns table (entry history, beyond boolean) language plpgsql stable rows 100 as $$
declare
  source refcursor;
  more   bigint;
  bytes  bigint := 0;
  given  bigint := 0;
begin
  if everybody then
    open source for select * from history h where h.id > after_id order by h.id limit rows_max + 1;
  else
    open source for select * from history h where h.flow = of_flow and h.id > after_id order by h.id
                     limit rows_max + 1;
  end if;
  beyond := false;
  loop
    fetch source into entry;
    exit when not found;
    more := row_bytes + coalesce(octet_length(entry.data::text), 0);
    if given = rows_max or (given > 0 and bytes + more > bytes_max) then
      entry.data := null;
      beyond := true;
    end if;
    return next;
    exit when beyond;
    bytes := bytes + more;
    given := given + 1;
  end loop;
end $$;

-- Of a flow's atoms. Results over value_max are left out and told by their size; as the server must look at them,
-- read_max bounds what is looked at.
create function atoms_page(of_flow uuid, first bigint, rows_max bigint, row_bytes bigint, value_max bigint,
                           bytes_max bigint, read_max bigint)
  returns table (entry atoms, result_left_out bigint, revert_result_left_out bigint, beyond boolean)
  language plpgsql stable rows 1000 as $$
declare
  result_bytes        bigint;
  revert_result_bytes bigint;
  more  bigint;
  bytes bigint := 0;
  seen  bigint := 0;
  given bigint := 0;
begin
  beyond := false;
  for entry in select * from atoms a where a.flow = of_flow and a.atom >= first order by a.atom
               limit rows_max + 1 loop
    result_bytes := coalesce(octet_length(entry.result::text), 0);
    revert_result_bytes := coalesce(octet_length(entry.revert_result::text), 0);
    more := row_bytes + coalesce(octet_length(entry.failure::text), 0)
          + coalesce(octet_length(entry.revert_failure::text), 0)
          + coalesce(octet_length(entry.retry_history::text), 0);
    seen := seen + more + result_bytes + revert_result_bytes;
    result_left_out := 0;
    revert_result_left_out := 0;
    if result_bytes > value_max then
      result_left_out := result_bytes;
      entry.result := null;
    else
      more := more + result_bytes;
    end if;
    if revert_result_bytes > value_max then
      revert_result_left_out := revert_result_bytes;
      entry.revert_result := null;
    else
      more := more + revert_result_bytes;
    end if;
    if given = rows_max or (given > 0 and (bytes + more > bytes_max or seen > read_max)) then
      entry.result := null;
      entry.revert_result := null;
      entry.failure := null;
      entry.revert_failure := null;
      entry.retry_history := null;
      beyond := true;
    end if;
    return next;
    exit when beyond;
    bytes := bytes + more;
    given := given + 1;
  end loop;
end $$;
