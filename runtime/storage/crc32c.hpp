// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of a journal record. Finds torn and rotten lines; it is no
// defence against somebody who means harm.
// Thread rule: pure function.
#pragma once

#include <cstdint>
#include <string_view>

namespace fulmar::storage {

std::uint32_t crc32c(std::string_view bytes);

}  // namespace fulmar::storage
