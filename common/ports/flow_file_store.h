#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/model/result.h"
#include "common/model/time.h"
#include "common/ports/store_error.h"

namespace baton::ports {

/// One version of a flow file: never changed, and its number never given to another.
struct FlowFileVersion {
  std::string name;
  std::uint32_t version = 0;  // from 1 on, without gaps
  std::string digest;         // of its content; who puts it says so
  std::string who, why;       // for people; not checked
  TimePoint stored_at{};      // by the database's clock
  bool operator==(const FlowFileVersion&) const = default;
};
struct StoredFlowFile {
  FlowFileVersion about;
  std::string content;
  bool operator==(const StoredFlowFile&) const = default;
};

struct FlowFilePut {
  std::string name, content, digest, who, why;
  std::optional<std::uint32_t> if_version;  // only if that is the newest; 0: only if there is none
};
/// Judged in this order, TooManyNames before TooMany: what is Same is not refused, so that who has not heard
/// the answer may ask again. The first four's numbers stand in put_flow_file (migration 7).
enum class FlowFileVerdict {
  Same,          // as the newest, by its digest: nothing is stored
  OtherVersion,  // the newest is not `if_version`
  TooMany,       // kFlowFileVersionsMax are stored
  Stored,        // as the next version
  TooManyNames   // kFlowFileNamesMax are stored, this one is not; of puts at once some may come through
};
struct FlowFileOutcome {
  FlowFileVerdict verdict = FlowFileVerdict::Same;
  std::optional<FlowFileVersion> newest;  // afterwards; none: there is none of this name
};
struct FlowFilePage {
  std::vector<FlowFileVersion> files;
  bool more = false;
};

/// Flow files by name and version. Contents are kept as they are given; what they mean is the caller's
/// matter. Threads and callbacks as with FlowStore. NotFound: no such name, or version of it.
class FlowFileStore {
 public:
  template <class T>
  using Done = std::function<void(Result<T, StoreError>)>;

  virtual ~FlowFileStore() = default;

  /// Of several at once none is lost: each is judged behind the one before.
  virtual void put_flow_file(const FlowFilePut&, Done<FlowFileOutcome>) = 0;
  virtual void flow_file(const std::string& name, std::uint32_t version,  // 0: the newest
                         Done<StoredFlowFile>) = 0;
  /// The newest of each name, by name (bytewise), behind `after`.
  virtual void flow_files(const std::string& after, std::uint32_t limit, Done<FlowFilePage>) = 0;
  /// Of one name, newest first, those below `before` (0: all).
  virtual void flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                                  Done<FlowFilePage>) = 0;
};

}  // namespace baton::ports
