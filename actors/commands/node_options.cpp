#include "actors/commands/node_options.hpp"

#include <algorithm>
#include <array>
#include <thread>
#include <unistd.h>

namespace fulmar::commands {

std::string host_name(const std::string& otherwise) {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : otherwise;
}

std::uint32_t default_slots() {
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace fulmar::commands
