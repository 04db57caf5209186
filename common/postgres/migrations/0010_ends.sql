-- Ends in their order: whoever looks for those whose node's removal nobody has noted begins where the last look ended.
create index jobs_by_end on jobs (finished_at, number) where finished_at is not null;
