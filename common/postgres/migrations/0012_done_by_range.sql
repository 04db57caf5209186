-- How many atoms of a flow are through: also those that a decider's no over a range left IGNORE. What the last reset
-- (PENDING) or no over a range behind an atom's row has made of it counts, as state_between() says
-- (common/model/range_state.h). Of runs that have ended the number stays as it was recorded.
create or replace function atoms_done(of_flow uuid) returns int language sql stable as $$
  select count(*)::int from atoms a
   where a.flow = of_flow and coalesce(
     (select s.intention = 3 from scopes s
       where s.flow = a.flow and (s.reset or s.intention = 3) and s.seq > a.seq
         and a.atom >= s.first and a.atom < s.first + s.count order by s.seq desc limit 1),
     a.state in (2, 5, 8))
$$;
