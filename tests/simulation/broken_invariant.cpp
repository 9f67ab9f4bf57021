// FULMAR_ASSERT as this program has it: the linker takes this definition before the library's, which would end the
// process without saying in which seed.
#include <stdexcept>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar {

// The message begins with the number of the invariant, so it comes first.
void assertion_failed(const char* file, int line, const char* condition, const std::string& message) {
  const std::string path(file);
  const std::size_t name = path.rfind('/') + 1;
  throw std::logic_error(message + " (" + path.substr(name) + ":" + std::to_string(line) + ": " + condition + ")");
}

}  // namespace fulmar
