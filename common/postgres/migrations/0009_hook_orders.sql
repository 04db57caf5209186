-- How many attempts of a call had ended when a person last ordered it again: its hook's attempts count from there.
alter table hook_calls add column attempts_before int not null default 0;
