#include "actors/exit_reason.hpp"

#include <caf/all.hpp>

namespace fulmar::actors {

std::string exception_text(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

caf::error exit_reason_of(std::exception_ptr& exception) {
  return caf::make_error(caf::sec::runtime_error, exception_text(exception));
}

std::string cause_of(const caf::error& reason) {
  if (!reason) return "it ended by itself";  // such a reason has no context to ask for
  const caf::message& context = reason.context();
  return context.match_elements<std::string>() ? context.get_as<std::string>(0) : caf::to_string(reason);
}

}  // namespace fulmar::actors
