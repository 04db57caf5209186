#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conductor/api/backend.h"
#include "conductor/api/board_view.h"
#include "conductor/api/exchange.h"
#include "conductor/api/job_body.h"

namespace baton::api {

/// POST /v1/jobs. A job posted with an Idempotency-Key, or with a uuid of the poster's, is posted once: the
/// same content again is answered with the job that is there, other content with 409. The key gives the uuid
/// (RFC 9562, version 5), so this holds over all conductors and their restarts. With ?dry_run=true nothing is
/// posted: the answer is what would be given, with 200.
class JobPosts : public std::enable_shared_from_this<JobPosts> {
 public:
  JobPosts(const Backend&, std::shared_ptr<BoardView>);

  void post(const Request&, Reply);

 private:
  struct Wanted {
    JobBody body;
    JobId uuid;
    std::optional<Posting> posting;          // none: a flow file is to be written out first
    bool dry_run = false, new_uuid = false;  // one that was made for it
  };

  static std::optional<Problem> make_posting(Wanted&);
  void post_once(Wanted, Reply);
  void post_stored(Wanted, Reply);
  void post_new(Wanted, Reply);
  void post_none(const Wanted&, const Reply&);
  void find_recorded(Wanted, Reply);
  void find_on_board(Wanted, Reply);
  void answer_known(const Wanted&, const Posting& there, const std::string& board_path, const Reply&) const;
  /// One uuid is posted by one request at a time; the others wait for their turn.
  void end_turn(const JobId&);

  const Backend backend_;
  const std::shared_ptr<BoardView> board_;
  std::map<std::string, std::vector<std::function<void()>>> turns_;  // by uuid; bounded by the connections
};

/// The uuid that an Idempotency-Key stands for.
std::string uuid_of_key(const std::string& key);

}  // namespace baton::api
