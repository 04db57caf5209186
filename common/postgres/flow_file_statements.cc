/// Flow files as statements. Names are locked in their order, so that two writers cannot wait for each other.
#include <algorithm>

#include "common/postgres/parameters.h"
#include "common/postgres/queries.h"
#include "common/postgres/transaction.h"

namespace baton::postgres {
namespace {

using ports::FlowFileOutcome;
using ports::FlowFilePage;
using ports::FlowFileVerdict;
using ports::FlowFileVersion;
using ports::StoreError;
using ports::StoreErrorCode;

#define BATON_FLOW_FILE_COLUMNS "f.name, f.version, f.digest, f.who, f.why, f.stored_at"

// Where there is room: the name is known, or names are fewer than $9. A put for a later version of an unknown
// name is judged by that.
constexpr StatementText kPuts{
    "put_flow_files",
    "with asked as materialized (select u.*, if_version > 0"
    "   or exists (select from flow_file_names k where k.name = u.name and k.newest > 0)"
    "   or (select count(*) from flow_file_names k where k.newest > 0) < $9::int4 as has_room"
    "  from unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int4[])"
    "   as u(n, name, content, digest, who, why, if_version))"
    " select t.n, p.verdict, (p.newest).name, (p.newest).version, (p.newest).digest, (p.newest).who,"
    "  (p.newest).why, (p.newest).stored_at"
    " from (select * from asked where has_room order by name collate \"C\") t"
    " cross join lateral put_flow_file(t.name, t.content, t.digest, t.who, t.why, t.if_version, $8::int4) p"
    " union all select n, $10::int4, null, null, null, null, null, null from asked where has_room is not "
    "true"};
constexpr StatementText kFlowFile{
    "flow_file",
    "select " BATON_FLOW_FILE_COLUMNS
    ", f.content from flow_files f where f.name = $1::text and f.version ="
    " case when $2::int4 = 0 then (select n.newest from flow_file_names n where n.name = $1::text)"
    "  else $2::int4 end"};
constexpr StatementText kFlowFiles{
    "flow_files", "select " BATON_FLOW_FILE_COLUMNS
                  " from (select * from flow_file_names where name > $1::text and newest > 0 order by name"
                  "  limit $2::int8) n join flow_files f on f.name = n.name and f.version = n.newest"
                  " order by f.name"};
constexpr StatementText kVersions{
    "flow_file_versions",
    "select " BATON_FLOW_FILE_COLUMNS
    " from flow_files f where f.name = $1::text and ($2::int4 = 0 or f.version < $2::int4)"
    " order by f.version desc limit $3::int8"};
constexpr StatementText kNameKnown{
    "flow_file_known", "select exists (select from flow_file_names where name = $1::text and newest > 0)"};

using E = ElementType;

std::vector<std::optional<std::string>> parameters_of(const std::vector<FlowFileWork*>& works) {
  ArrayParameter n(E::Int4), name(E::Text), content(E::Text), digest(E::Text), who(E::Text), why(E::Text),
      if_version(E::Int4);
  for (std::size_t i = 0; i < works.size(); ++i) {
    const ports::FlowFilePut& put = works[i]->put;
    n.add(static_cast<std::int64_t>(i));
    name.add(std::string_view(put.name));
    content.add(std::string_view(put.content));
    digest.add(std::string_view(put.digest));
    who.add(std::string_view(put.who));
    why.add(std::string_view(put.why));
    put.if_version ? if_version.add(std::int64_t{*put.if_version}) : if_version.add_null();
  }
  return {n.finish(),
          name.finish(),
          content.finish(),
          digest.finish(),
          who.finish(),
          why.finish(),
          if_version.finish(),
          int4_parameter(kFlowFileVersionsMax),
          int4_parameter(kFlowFileNamesMax),
          int4_parameter(static_cast<std::int32_t>(FlowFileVerdict::TooManyNames))};
}

FlowFileVersion version_in(const ResultSet& rows, std::size_t row, int first = 0) {
  return {std::string(rows.text(row, first)),     static_cast<std::uint32_t>(rows.number(row, first + 1)),
          std::string(rows.text(row, first + 2)), std::string(rows.text(row, first + 3)),
          std::string(rows.text(row, first + 4)), rows.time(row, first + 5)};
}

FlowFilePage page_of(const ResultSet& rows, std::uint32_t limit) {
  FlowFilePage page;
  page.more = rows.rows() > limit;
  for (std::size_t row = 0; row < std::min<std::size_t>(rows.rows(), limit); ++row)
    page.files.push_back(version_in(rows, row));
  return page;
}

StoreError no_flow_file(const std::string& name, std::uint32_t version = 0) {
  return {StoreErrorCode::NotFound, "no flow file '" + name + "'" +
                                        (version > 0 ? " of version " + std::to_string(version) : "") +
                                        " in Postgres"};
}

}  // namespace

void add_flow_files_put(Transaction& transaction, std::span<FlowFileWork*> asked) {
  if (asked.empty()) return;
  const std::vector works(asked.begin(), asked.end());
  transaction.add(kPuts, parameters_of(works), [works](const ResultSet& rows) {
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      FlowFileOutcome outcome;
      outcome.verdict = static_cast<FlowFileVerdict>(rows.number(row, 1));
      if (!rows.is_null(row, 2)) outcome.newest = version_in(rows, row, 2);
      FlowFileWork& work = *works[static_cast<std::size_t>(rows.number(row, 0))];
      std::exchange(work.done, nullptr)(std::move(outcome));
    }
  });
}

void add_flow_file(Transaction& read, const std::string& name, std::uint32_t version,
                   Done<ports::StoredFlowFile> done) {
  read.add(kFlowFile, {name, int4_parameter(static_cast<std::int32_t>(version))},
           [name, version, done = std::move(done)](const ResultSet& rows) {
             if (rows.rows() == 0) return done(Fail(no_flow_file(name, version)));
             done(ports::StoredFlowFile{version_in(rows, 0), std::string(rows.text(0, 6))});
           });
}

void add_flow_file_list(Transaction& read, const std::string& after, std::uint32_t limit,
                        Done<FlowFilePage> done) {
  read.add(kFlowFiles, {after, int8_parameter(std::int64_t{limit} + 1)},
           [limit, done = std::move(done)](const ResultSet& rows) { done(page_of(rows, limit)); });
}

void add_flow_file_versions(Transaction& read, const std::string& name, std::uint32_t before,
                            std::uint32_t limit, Done<FlowFilePage> done) {
  const auto known = std::make_shared<bool>();
  read.add(kNameKnown, {name}, [known](const ResultSet& rows) { *known = rows.truth(0, 0); });
  read.add(kVersions,
           {name, int4_parameter(static_cast<std::int32_t>(before)), int8_parameter(std::int64_t{limit} + 1)},
           [name, limit, known, done = std::move(done)](const ResultSet& rows) {
             *known ? done(page_of(rows, limit)) : done(Fail(no_flow_file(name)));
           });
}

}  // namespace baton::postgres
