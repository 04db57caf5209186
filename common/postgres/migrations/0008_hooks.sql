-- Calls of hooks: recorded by the step whose state they tell of, taken by one conductor after the other until they are
-- done or given up. Numbers of events and states are those of common/ports/hook_store.h.
create table hook_calls (
  id          bigint generated always as identity primary key,
  job         text not null,
  run         int not null,
  flow        uuid,             -- null: nobody had claimed the job
  event       smallint not null,
  occasion    bigint not null,  -- of a stall: the last fact before it; else 0
  hook        text not null,
  about       json not null,
  state       smallint not null default 0,
  attempts    int not null default 0,
  recorded_at timestamptz not null default now(),
  next_at     timestamptz not null default now(),  -- while somebody makes it: until when it is his
  ended_at    timestamptz,
  holder      uuid,
  holder_name text not null default '',
  last_error  text not null default '',
  unique (job, run, event, occasion, hook)
);
create index hook_calls_due on hook_calls (hook, next_at) where state = 0;
create index hook_calls_open on hook_calls (state, id) where state <> 1;
