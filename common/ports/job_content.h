#pragma once

#include <cstdint>
#include <string>

#include "common/model/job.h"

namespace baton::ports {

/// What a posting asks for, as bytes to compare: name, details and book. Two nodes with one uuid and one
/// content are the same job posted twice; priority, run and the reason for it do not make another job.
std::string content_of(const Posting&);

/// Why somebody has posted it ("reason" in its details); empty: it is not said.
std::string reason_of(const Posting&);

/// The name of the flow that the details ask for ("factory", "flow_file", "flow"); empty: they name none.
std::string flow_name_of(const Posting&);

/// The version of the stored flow file that it was posted with; 0: with none.
std::uint32_t flow_version_of(const Posting&);

}  // namespace baton::ports
