#include "client/local/system_refusal.h"

#include <boost/system/system_error.hpp>
#include <system_error>

namespace baton::client {
namespace {

std::string told(const std::string& what) {
  return "the system refuses this process what a run needs: " + what +
         "\n  hint: ulimit -n and ulimit -u say how many descriptors and threads it may have";
}

/// Too few descriptors, threads or bytes; what else a system's call fails of is somebody else's to tell.
bool is_systems(const std::error_code& code) {
  return code == std::errc::too_many_files_open || code == std::errc::too_many_files_open_in_system ||
         code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory;
}

}  // namespace

std::optional<std::string> refused_by_system(const std::function<void()>& does) {
  try {
    does();
  } catch (const std::system_error& error) {
    if (!is_systems(error.code())) throw;
    return told(error.what());
  } catch (const boost::system::system_error& error) {  // Asio's
    if (!is_systems(error.code())) throw;
    return told(error.what());
  }
  return std::nullopt;
}

}  // namespace baton::client
