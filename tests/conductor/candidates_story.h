#pragma once

#include <catch2/catch.hpp>

#include "common/memory/seeded_entropy.h"
#include "conductor/candidates.h"

namespace baton::conductor {

/// Jobs as they are seen on the board, by the first of three conductors.
struct CandidatesStory {
  CandidatesStory() {
    for (int i = 0; i < 3; ++i) {
      ports::Member member;
      member.incarnation = Incarnation(entropy.uuid());
      members.push_back(member);
    }
    candidates.self(members[0].incarnation);
  }
  ports::BoardJob job(const std::string& uuid, Priority priority = Priority::Normal, bool claimed = false) {
    ports::BoardJob job;
    job.path = "/jobs/" + uuid;
    job.posting.uuid = JobId(uuid);
    job.posting.priority = priority;
    job.czxid = ++zxid;
    job.claimed = claimed;
    return job;
  }
  std::string next(Millis at, bool idle = false) {
    const auto found = candidates.next(at, idle);
    return found ? found->posting.uuid.value : "";
  }

  memory::SeededEntropy entropy{3};
  Bounds bounds;
  Candidates candidates{bounds};
  std::vector<ports::Member> members;
  std::int64_t zxid = 0;
};

}  // namespace baton::conductor
