-- What was pruned (common/postgres/pruner.h), so that whoever looks for an old job is told.
create table prunes (
  id     bigint generated always as identity primary key,
  at     timestamptz not null default now(),
  before timestamptz not null  -- jobs that ended before then may be gone
);
-- Flows whose jobs are gone, until their atoms and plans are gone, too: in small commits.
create table pruned_flows (
  flow uuid primary key
);

-- Weeks of history that some job keeps, and history_default, once a prune has walked through them: from then on they lose
-- the rows of the flows that go, and are not walked through again.
create table pruned_weeks (
  name text primary key
);

-- Rows that change often stay on their page (HOT): that wants room there for all that a commit changes, and no index
-- over what changes. A job's state did that at every move; now only its end moves it in an index.
-- The fleet waits: the table of jobs is written anew, a second for 100,000 small ones
alter table atoms set (fillfactor = 30);
alter table jobs set (fillfactor = 40);
alter table jobs add ended_state smallint
  generated always as (case when state in (2, 3, 4, 8, 9, 10) then state end) stored;
drop index jobs_by_state;
create index jobs_at_work on jobs (number) where ended_state is null;
create index jobs_ended on jobs (ended_state, number) where ended_state is not null;
