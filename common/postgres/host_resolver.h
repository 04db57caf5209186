#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/model/time.h"
#include "common/postgres/conninfo.h"

namespace baton::postgres {

/// Names of hosts to addresses. libpq would ask the system for them on the loop's thread: while DNS is away
/// that stands still for many seconds, and the sessions that it keeps die.
class HostResolver {
 public:
  /// Addresses as text, at least one; or what went wrong.
  using Done = std::function<void(Result<std::vector<std::string>, std::string>)>;
  virtual ~HostResolver() = default;
  /// `done` comes from the loop, never inline, and may be late.
  virtual void resolve(const std::string& host, Done done) = 0;

  using Answer = Result<std::vector<std::string>, std::string>;
  /// Waits for the answer; called on a foreign thread, where it may still be when everything else has ended.
  using Ask = std::function<Answer(const std::string& host)>;

  /// Asks beside the loop, on a thread that nobody's end waits for; one question at a time, and a name once
  /// for all who wait for it. Must not outlive the io_context.
  static std::shared_ptr<HostResolver> beside(boost::asio::io_context&, Ask);
  /// Asks the system so.
  static std::shared_ptr<HostResolver> system(boost::asio::io_context&);
};

/// A name that is asked for so long is left out, if another host is known: the rest of the time is that
/// one's.
inline constexpr Millis kLookupPatience{2'000};

/// The conninfo with an address beside each name, so that libpq asks for none. `done` comes from the loop,
/// never inline; never while no host is known and one is still asked for: the caller has a deadline.
void look_up_hosts(boost::asio::io_context&, HostResolver&, const Conninfo&,
                   std::function<void(Result<Conninfo, std::string>)> done);

}  // namespace baton::postgres
