-- Everything lives in one schema, which is first on the search path while this runs.
-- Values are `json`: kept as the bytes that were received. Numbers of states are those of common/model/states.h.

-- A board's id (a node made with the board) and the generation that it stands for: larger for every board that was
-- wiped, restored, or met on another database (origin = system id and timeline), so that epochs never come back.
create table board_ids (
  id         text not null,
  origin     text not null,
  generation int generated always as identity unique,
  seen_at    timestamptz not null default now(),
  primary key (id, origin)
);

-- The highest zxid that each conductor has seen: by conductor, so that claimers do not wait for each other.
create table board_heights (
  generation   int not null,
  conductor    text not null,
  highest_zxid bigint not null,
  primary key (generation, conductor)
);

create table jobs (
  uuid        text primary key,
  number      bigint generated always as identity unique,  -- order of arrival: the cursor of lists
  flow        uuid not null,
  name        text not null,
  flow_name   text not null,
  priority    smallint not null,
  run         int not null,
  state       smallint not null,
  board_path  text not null,
  posting     json not null,
  content     bytea not null,  -- hash of what the posting asks for
  failure     json,
  conductor   text not null,   -- name of the last claimer
  atoms_done  int,             -- of an ended run
  posted_at   timestamptz not null,
  updated_at  timestamptz not null,
  finished_at timestamptz,
  removed_at  timestamptz      -- its node has left the board: only then may it be pruned
) with (fillfactor = 70);
create index jobs_by_state on jobs (state, number);

-- The row that fences: whoever writes for a flow holds it FOR SHARE with exactly its epoch, whoever claims updates it.
create table flows (
  id               uuid primary key,
  job              text not null,
  epoch_generation int not null,
  epoch_czxid      bigint not null,
  conductor        uuid not null,  -- incarnation of the last claimer
  run              int not null,
  state            smallint not null,
  last_seq         bigint not null default 0,  -- of the last flow fact; atoms and scopes have their own
  failure          json,
  kept             json
) with (fillfactor = 50);

create table plans (
  flow  uuid primary key,
  atoms int not null,
  plan  text not null
);

-- One row an atom and no index but the key, so that updates stay on their page.
create table atoms (
  flow           uuid not null,
  atom           int not null,
  attempt        int not null default 0,
  dispatch       bigint not null default 0,
  seq            bigint not null default 0,
  state          smallint not null default 0,
  intention      smallint not null default 0,
  deliveries     int,
  start_deadline timestamptz,
  close_deadline timestamptz,
  started_at     timestamptz,
  ended_at       timestamptz,
  worker         uuid,
  worker_name    text,
  name           text not null,
  result         json,
  failure        json,
  revert_result  json,
  revert_failure json,
  retry_history  json,
  primary key (flow, atom)
) with (fillfactor = 70);

-- Intentions over a range of atoms, folded over them at load.
create table scopes (
  flow      uuid not null,
  seq       bigint not null,
  first     int not null,
  count     int not null,
  intention smallint not null,
  reset     boolean not null,
  primary key (flow, seq)
);

-- How many atoms of a flow are through (SUCCESS, REVERTED, IGNORE), resets over a range that came later counted in.
create function atoms_done(of_flow uuid) returns int language sql stable as $$
  select count(*)::int from atoms a
   where a.flow = of_flow and a.state in (2, 5, 8)
     and not exists (select from scopes s where s.flow = a.flow and s.reset and s.seq > a.seq
                        and a.atom >= s.first and a.atom < s.first + s.count)
$$;

-- For people; never read to restore. One row a fact, in the order of the facts.
create sequence history_id;
create table history (
  id        bigint not null default nextval('history_id'),
  at        timestamptz not null default now(),
  flow      uuid not null,
  run       int not null,
  seq       bigint not null,
  atom      int,       -- null: the flow itself
  state     smallint,  -- of the atom or the flow; null: only the intention changed
  intention smallint,
  attempt   int not null,
  dispatch  bigint not null,
  worker    text,
  data      json
) partition by range (at);
create index history_by_flow on history (flow, id);
create index history_by_id on history (id);
create table history_default partition of history default;

-- Makes the weekly partitions of this week and the given number of weeks ahead that are not there yet; returns how
-- many it made. Attached, not created as a partition: that would stop every writer for a moment. A week of which the
-- default partition already holds rows stays there.
create function ensure_history_partitions(weeks int) returns int language plpgsql
  security definer set search_path from current as $$
declare
  week  timestamptz;
  part  text;
  made  int := 0;
begin
  for ahead in 0 .. weeks loop
    week := date_trunc('week', now() at time zone 'UTC') at time zone 'UTC' + ahead * interval '7 days';
    part := 'history_' || to_char(week at time zone 'UTC', 'YYYYMMDD');
    continue when to_regclass(part) is not null;
    perform pg_advisory_xact_lock(hashtext('baton.history'));
    continue when to_regclass(part) is not null;
    begin
      execute format('create table %I (like history including defaults)', part);
      execute format('alter table history attach partition %I for values from (%L) to (%L)', part, week,
                     week + interval '7 days');
      made := made + 1;
    exception when check_violation then
      raise notice 'rows of the week of % stay in history_default', week;
    end;
  end loop;
  return made;
end $$;

-- What people asked for, recorded before it is acknowledged; the owner of the flow consumes it.
create table orders (
  flow        uuid not null,
  seq         bigint not null,
  kind        text not null,
  who         text not null,
  why         text not null,
  data        json,
  ordered_at  timestamptz not null default now(),
  consumed_at timestamptz,
  primary key (flow, seq)
);

-- Board nodes that stand for no job here: unreadable, or other content under a known uuid.
create table trashed_nodes (
  board_path text primary key,
  why        text not null,
  posting    json,
  seen_at    timestamptz not null default now()
);

-- Ends a transaction that found a step's rows not as the step had left them: whole or not at all. The detail lists the
-- guilty flows.
create function refuse_steps(guilty uuid[]) returns boolean language plpgsql as $$
begin
  raise exception 'steps refused' using errcode = 'BT001', detail = array_to_string(guilty, ',');
end $$;
