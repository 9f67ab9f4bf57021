// FULMAR_ASSERT(condition, message): a broken invariant ends the process with file, line and the values. On in release.
#pragma once

#include <string>

namespace fulmar {

/// Prints "FILE:LINE: broken invariant: CONDITION: MESSAGE" on stderr and aborts.
[[noreturn]] void assertion_failed(const char* file, int line, const char* condition, const std::string& message);

}  // namespace fulmar

/// `message` is evaluated only when the condition does not hold.
#define FULMAR_ASSERT(condition, message)                                                  \
  do {                                                                                     \
    if (!(condition)) ::fulmar::assertion_failed(__FILE__, __LINE__, #condition, message); \
  } while (false)
