-- Flow files by name and version. The name's row is what a put locks: of several at once each sees the one before.
create table flow_file_names (
  name   text collate "C" primary key,
  newest int not null  -- 0: none yet
);
create table flow_files (
  name      text collate "C" not null,
  version   int not null,
  digest    text not null,
  who       text not null,
  why       text not null,
  stored_at timestamptz not null default clock_timestamp(),
  content   text not null,
  primary key (name, version)
);

-- Verdicts are those of common/ports/flow_file_store.h; with it the newest version afterwards, if there is one.
-- A put that is only for a later version of an unknown name leaves no row of that name.
create function put_flow_file(of_name text, of_content text, of_digest text, by_who text, for_why text,
                              if_version int, versions_max int)
  returns table (verdict int, newest flow_files) language plpgsql as $$
declare
  known int;
begin
  if if_version is null or if_version = 0 then
    insert into flow_file_names values (of_name, 0) on conflict (name) do nothing;
  end if;
  select n.newest into known from flow_file_names n where n.name = of_name for update;
  known := coalesce(known, 0);
  select * into newest from flow_files f where f.name = of_name and f.version = known;
  if newest.digest = of_digest then
    verdict := 0;
  elsif if_version <> known then
    verdict := 1;
  elsif known >= versions_max then
    verdict := 2;
  else
    verdict := 3;
    insert into flow_files (name, version, digest, who, why, content)
    values (of_name, known + 1, of_digest, by_who, for_why, of_content) returning * into newest;
    update flow_file_names n set newest = known + 1 where n.name = of_name;
  end if;
  newest.content := '';
  return next;
end $$;

-- Of the stored flow file that a job was posted with; null: it was posted with none.
alter table jobs add column flow_version int;
