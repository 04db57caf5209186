#include "conductor/api/job_posts.h"

#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

#include "common/model/assert.h"
#include "common/ports/job_content.h"
#include "common/runtime/named_uuid.h"
#include "conductor/api/flow_files.h"
#include "conductor/api/json_text.h"
#include "conductor/api/limits.h"
#include "conductor/api/problem.h"
#include "conductor/api/target.h"

namespace baton::api {
namespace {

/// Made once for this purpose; never to be changed, or keys would stand for other jobs.
constexpr const char* kKeySpace = "6f1d1c0e-5a39-4c3b-9d5e-2b6f0a7c4e11";

/// A poster's uuid is any string: encoded, it is a path and cannot break a header.
std::string job_path(const JobId& job) {
  return "/v1/jobs/" + boost::urls::encode(job.value, boost::urls::unreserved_chars);
}

/// What a posting has besides its details, at most.
constexpr std::size_t kHeadBytes = 2 * kKiB;

/// Why it was posted does not make it another.
boost::json::value content_of(const Posting& there) {
  auto details = there.details.tree();
  if (auto* object = details.if_object()) object->erase("reason");
  return details;
}

/// Of what was posted with a key or a uuid, and is there.
bool same_content(const JobBody& asked, const Posting& there) {
  if (asked.name != there.name || asked.priority != there.priority) return false;
  if (asked.stored && same_stored(*asked.stored, there.details)) return true;
  return !asked.details.is_null() && asked.details.tree() == content_of(there);
}

/// Behind what the details are, whose bytes stay.
Value with_reason(const Value& details, const std::string& reason) {
  std::string json(details.json());
  if (reason.empty()) return details;
  BATON_ASSERT(json.ends_with('}'));
  json.pop_back();
  return Value::from_stored(json + (details.tree().get_object().empty() ? "" : ",") +
                            "\"reason\":" + quoted(reason) + "}");
}

Problem refused_posting(const JobBody& body, const ValueError& error) {
  if (body.details.json().size() + kHeadBytes <= kPostingBytesMax) return bad_request(error.message);
  return {413,
          "posting-too-large",
          "The posting is too large for the board",
          error.message + ": keep large values elsewhere and post where they are",
          {},
          {}};
}

void write_head(JsonText& json, const Posting& posting) {
  json.member("name", posting.name)
      .member("priority", to_string(posting.priority))
      .member("run", posting.run);
  if (const auto version = ports::flow_version_of(posting); version > 0)
    json.key("flow_file")
        .begin_object()
        .member("name", ports::flow_name_of(posting))
        .member("version", version)
        .end_object();
}

Response job_response(unsigned status, const Posting& posting, const std::string& board_path,
                      const std::string& warning) {
  JsonText json;
  json.begin_object();
  json.member("uuid", posting.uuid.value);
  write_head(json, posting);
  json.member("posted", status == 201).member("board_path", board_path);
  if (!warning.empty()) json.member("warning", warning);
  json.end_object();
  return {status, "application/json", json.take(), {{"Location", job_path(posting.uuid)}}};
}

}  // namespace

std::string uuid_of_key(const std::string& key) {
  return runtime::named_uuid(*Uuid::parse(kKeySpace), key).to_string();
}

JobPosts::JobPosts(const Backend& backend, std::shared_ptr<BoardView> board)
    : backend_(backend), board_(std::move(board)) {}

void JobPosts::post(const Request& request, Reply reply) {
  if (auto unknown = unknown_parameters(request, {"dry_run"})) return reply(to_response(*unknown));
  const auto dry_run = dry_run_parameter(request);
  if (!dry_run.ok()) return reply(to_response(dry_run.error()));
  const auto& key = request.idempotency_key;
  if (key.size() > kIdempotencyKeyBytesMax)
    return reply(to_response(bad_request("the Idempotency-Key has " + std::to_string(key.size()) +
                                         " bytes, the limit is " + std::to_string(kIdempotencyKeyBytesMax))));
  auto read = read_job_body(request.body, backend_.catalogue);
  if (const auto* problem = std::get_if<Problem>(&read)) return reply(to_response(*problem));
  auto& body = std::get<JobBody>(read);
  if (body.uuid && !key.empty())
    return reply(to_response(bad_request(
        "both 'uuid' and an Idempotency-Key are given: either makes a repeated post harmless, give one")));
  const bool can_be_there = body.uuid.has_value() || !key.empty();
  JobId uuid(body.uuid ? *body.uuid : key.empty() ? backend_.entropy.uuid().to_string() : uuid_of_key(key));
  Wanted wanted{std::move(body), std::move(uuid), std::nullopt, dry_run.value(), !can_be_there};
  if (!wanted.body.stored)
    if (const auto problem = make_posting(wanted)) return reply(to_response(*problem));
  can_be_there ? post_once(std::move(wanted), std::move(reply))
               : post_new(std::move(wanted), std::move(reply));
}

std::optional<Problem> JobPosts::make_posting(Wanted& wanted) {
  const JobBody& body = wanted.body;
  auto posting = Posting::make(wanted.uuid, body.name, body.priority, with_reason(body.details, body.reason));
  if (!posting.ok()) return refused_posting(body, posting.error());
  wanted.posting = std::move(posting).value();
  return std::nullopt;
}

void JobPosts::post_once(Wanted wanted, Reply reply) {
  const JobId id = wanted.uuid;
  auto begin = [self = shared_from_this(), wanted = std::move(wanted), id, reply = std::move(reply)] {
    self->find_recorded(wanted, [self, id, reply](Answer answer) {
      reply(std::move(answer));
      self->end_turn(id);
    });
  };
  const auto [turn, first] = turns_.try_emplace(id.value);
  if (first) return begin();
  turn->second.push_back(std::move(begin));
}

/// The file is written out here, once: what is posted does not change when it does.
void JobPosts::post_stored(Wanted wanted, Reply reply) {
  const std::string name = wanted.body.stored->name;
  const std::uint32_t version = wanted.body.stored->version;
  backend_.store.flow_file(
      name, version,
      [self = shared_from_this(), wanted = std::move(wanted), name, reply](const auto& file) mutable {
        const bool fallback =
            !wanted.body.details.is_null();  // a plain name, that a conductor elsewhere may know
        if (file.ok()) {
          auto details = write_out(*wanted.body.stored, *file);
          if (const auto* problem = std::get_if<Problem>(&details)) return reply(to_response(*problem));
          wanted.body.details = std::get<Value>(std::move(details));
          wanted.body.warning.clear();
        } else if (file.error().code != ports::StoreErrorCode::NotFound || !fallback) {
          return reply(to_response(from_flow_file_read(file.error(), name)));
        }
        if (const auto problem = make_posting(wanted)) return reply(to_response(*problem));
        self->post_new(std::move(wanted), reply);
      });
}

void JobPosts::end_turn(const JobId& uuid) {
  const auto turn = turns_.find(uuid.value);
  BATON_ASSERT(turn != turns_.end());
  if (turn->second.empty()) return void(turns_.erase(turn));
  const auto next = std::move(turn->second.front());
  turn->second.erase(turn->second.begin());
  next();
}

void JobPosts::find_recorded(Wanted wanted, Reply reply) {
  const JobId uuid = wanted.uuid;
  backend_.store.show(uuid, {.limit = 0},
                      [self = shared_from_this(), wanted = std::move(wanted), reply](const auto& known) {
                        if (known.ok())
                          return self->answer_known(wanted, known->posting, known->summary.board_path, reply);
                        if (known.error().code == ports::StoreErrorCode::NotFound)
                          return self->find_on_board(wanted, reply);
                        reply(to_response(from_store(known.error())));
                      });
}

void JobPosts::find_on_board(Wanted wanted, Reply reply) {
  board_->fresh([self = shared_from_this(), wanted = std::move(wanted), reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    if (const auto* job = find_job(**jobs, wanted.uuid))
      return self->answer_known(wanted, job->posting, job->path, reply);
    self->post_new(wanted, reply);
  });
}

/// What would be posted; the board must be there for that too.
void JobPosts::post_none(const Wanted& wanted, const Reply& reply) {
  board_->fresh([wanted, reply](const auto& jobs) {
    if (!jobs.ok()) return reply(to_response(from_board(jobs.error())));
    JsonText json;
    json.begin_object();
    if (!wanted.new_uuid) json.member("uuid", wanted.uuid.value);
    write_head(json, *wanted.posting);
    json.member("posted", false).member("dry_run", true);
    if (!wanted.body.warning.empty()) json.member("warning", wanted.body.warning);
    json.end_object();
    reply(Response{200, "application/json", json.take(), {}});
  });
}

void JobPosts::post_new(Wanted wanted, Reply reply) {
  if (!wanted.posting) return post_stored(std::move(wanted), std::move(reply));
  if (wanted.dry_run) return post_none(wanted, reply);
  const Posting posting = *wanted.posting;
  backend_.board.post(posting,
                      [self = shared_from_this(), wanted = std::move(wanted), reply](const auto& path) {
                        self->board_->forget();
                        if (!path.ok()) return reply(to_response(from_board(path.error())));
                        reply(job_response(201, *wanted.posting, *path, wanted.body.warning));
                      });
}

void JobPosts::answer_known(const Wanted& wanted, const Posting& there, const std::string& board_path,
                            const Reply& reply) const {
  const bool written_out = ports::flow_version_of(there) > 0;
  if (same_content(wanted.body, there))
    return reply(job_response(200, there, board_path, written_out ? "" : wanted.body.warning));
  reply(to_response(Problem{409,
                            "other-content",
                            "A job with this key or uuid is there, with other content",
                            "job '" + there.uuid.value + "' (" + there.name +
                                ") was posted before with another flow, other parameters, name or priority; "
                                "use a new key for a new job",
                            {},
                            {{"Location", job_path(there.uuid)}}}));
}

}  // namespace baton::api
