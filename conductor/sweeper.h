#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/runtime/rate_limit.h"
#include "conductor/held_job.h"

namespace baton::conductor {

/// Sweeper posts again what Postgres has not seen end and the board does not have, once for every generation
/// of the board: it was wiped, restored from a backup, or the database is another one (PROTOCOL.md H12, H13,
/// H17). One conductor does it at a time; one that dies is followed by another, from the start. In pages;
/// a page's postings are under way together, the next page follows when all are answered.
/// What the board has is left there: the board does not post it again. Where somebody posts the same job at
/// the same moment there are two nodes, and who claims them removes one (PROTOCOL.md H14).
/// Life: begin() whenever a board's generation is known, harmless while it is at it; stop() when the session
/// or the database is lost.
class Sweeper {
 public:
  /// `stands`: a node that the board has told of.
  Sweeper(const JobServices&, std::function<bool(const std::string& path)> stands);

  void begin(std::uint32_t generation, const std::vector<std::string>& folders);
  void stop();

 private:
  using Posted = Result<std::string, ports::BoardError>;

  void take();
  void later(Millis pause);
  void turn(ports::SweepTurn);
  void read_page();
  void post(const ports::UnfinishedPage&);
  void posted(const ports::UnfinishedJob&, const Posted&);
  void page_done();
  void finish();
  void trouble(const std::string& why);

  JobServices with_;
  const std::function<bool(const std::string& path)> stands_;
  bool at_it_ = false;
  ports::Sweep sweep_;
  std::vector<std::string> folders_;
  std::uint64_t after_ = 0;  // the last job of the page before
  ports::UnfinishedPage page_;
  std::size_t under_way_ = 0;
  std::string failed_;  // of this page; empty: nothing
  std::uint64_t reposted_ = 0, left_ = 0;
  runtime::RateLimit progress_{Millis{5'000}}, troubles_{Millis{10'000}};
  Alive alive_;
};

}  // namespace baton::conductor
