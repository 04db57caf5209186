-- A board's generation as of a database that may have forgotten some, or is another one: above every generation known
-- here, and not below what the board itself remembers (noted). Hence no identity column: it counts only what it knows.
alter table board_ids alter generation drop identity;
-- How often a board's identity was written, as who wrote it last has said: one with a lower version went back.
alter table board_ids add marked int not null default 0;

create function meet_board(board text, on_origin text, noted int) returns int language plpgsql as $$
declare
  known int;
begin
  select b.generation into known from board_ids b where b.id = board and b.origin = on_origin;
  if known >= noted then
    return known;
  end if;
  perform pg_advisory_xact_lock(hashtext('baton.boards'));
  select b.generation into known from board_ids b where b.id = board and b.origin = on_origin;
  if known >= noted then
    return known;
  end if;
  insert into board_ids as b (id, origin, generation)
  select board, on_origin, greatest(coalesce(max(generation), 0), noted) + 1 from board_ids
      on conflict (id, origin) do update set generation = excluded.generation, seen_at = now()
  returning b.generation into known;
  return known;
end $$;

-- Per generation and board: who posts again what has not ended here and is not there, and whether that is done.
create table sweeps (
  generation   int not null,
  folder       text not null,  -- the paths of the board's jobs begin so
  sweeper      uuid not null,  -- a conductor's incarnation
  leased_until timestamptz not null,
  ended_at     timestamptz,
  primary key (generation, folder)
);

-- Takes or keeps the turn, or ends the sweep. 0: it is the sweeper's turn. 1: another's. 2: the sweep is over.
create function take_sweep(of_generation int, of_folder text, by_sweeper uuid, lease_ms bigint, over boolean)
  returns int language plpgsql as $$
declare
  turn sweeps;
begin
  insert into sweeps as s (generation, folder, sweeper, leased_until)
  values (of_generation, of_folder, by_sweeper, clock_timestamp() + lease_ms * interval '1 ms')
      on conflict (generation, folder) do update
         set sweeper = excluded.sweeper, leased_until = excluded.leased_until
       where s.ended_at is null and (s.sweeper = excluded.sweeper or s.leased_until < clock_timestamp());
  if over then
    update sweeps s set ended_at = clock_timestamp()
     where s.generation = of_generation and s.folder = of_folder and s.sweeper = by_sweeper and s.ended_at is null;
  end if;
  select * into turn from sweeps s where s.generation = of_generation and s.folder = of_folder;
  return case when turn.ended_at is not null then 2 when turn.sweeper = by_sweeper then 0 else 1 end;
end $$;
