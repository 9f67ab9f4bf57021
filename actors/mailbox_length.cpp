// A file of its own, because CAF's mailbox is a template: compiled here, without the check of casts (see
// CMakeLists.txt).
#include "actors/mailbox_length.hpp"

#include <caf/scheduled_actor.hpp>

namespace fulmar::actors {

std::uint64_t queued(caf::scheduled_actor& self) {
  return self.mailbox().size();
}

}  // namespace fulmar::actors
