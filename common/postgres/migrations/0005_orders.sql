-- What people ask of a job, recorded before it is acknowledged; a step of its flow takes it. By the job's uuid: a job
-- may be on the board only. Numbers of kinds are those of common/model/order.h.
drop table orders;
create table orders (
  id         bigint generated always as identity primary key,
  job        text not null,
  run        int not null,
  kind       smallint not null,
  keep       boolean not null,
  who        text not null,
  why        text not null,
  ordered_at timestamptz not null default now(),
  taken_at   timestamptz,  -- null: open
  no_effect  text not null default ''
);
create index orders_by_job on orders (job, id);
create index orders_open on orders (job) where taken_at is null;

-- Somebody has asked for the cancel of that run, and it was not for nothing.
create function has_cancel(of_job text, of_run int) returns boolean language sql stable as $$
  select exists (select from orders o where o.job = of_job and o.run = of_run and o.kind = 2 and o.no_effect = '')
$$;
