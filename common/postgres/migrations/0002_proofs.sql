-- One row a writer, written after trouble: a commit that shows that commits work again.
create table proofs (
  writer text primary key,
  at     timestamptz not null
);
