#include "runtime/vocabulary/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace fulmar {

void assertion_failed(const char* file, int line, const char* condition, const std::string& message) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s: %s\n", file, line, condition, message.c_str());
  std::abort();
}

}  // namespace fulmar
