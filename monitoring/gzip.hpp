// What a client that accepts it is sent instead of the plain text. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

namespace fulmar::monitoring {

/// `plain` in the gzip format (RFC 1952); empty where that did not work.
std::string gzip(std::string_view plain);

}  // namespace fulmar::monitoring
