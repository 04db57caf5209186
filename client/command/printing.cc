#include "client/command/printing.h"

#include <boost/json/serialize.hpp>
#include <ostream>

namespace baton::client {

void print_value(const Context& context, const boost::json::value& value) {
  context.out << boost::json::serialize(value) << std::endl;
}

}  // namespace baton::client
