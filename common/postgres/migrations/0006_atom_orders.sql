-- Orders that begin a run (kinds from 3 on) may name an atom; of one that marks it as done, its result.
alter table orders add column atom text not null default '';
alter table orders add column result json;
