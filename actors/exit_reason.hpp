// Exceptions as the exit reasons of actors, so that a monitor learns the cause.
// Thread rule: pure functions.
#pragma once

#include <exception>
#include <string>

#include <caf/error.hpp>

namespace fulmar::actors {

std::string exception_text(const std::exception_ptr& exception);

/// For set_exception_handler().
caf::error exit_reason_of(std::exception_ptr& exception);

/// The cause in an exit reason, as a person would say it.
std::string cause_of(const caf::error& reason);

}  // namespace fulmar::actors
