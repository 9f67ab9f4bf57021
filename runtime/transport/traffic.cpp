#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {

const char* to_string(Drop drop) {
  switch (drop) {
    case Drop::malformed:
      return "malformed";
    case Drop::other_schema:
      return "other_schema";
    case Drop::other_run:
      return "other_run";
    case Drop::unknown_session:
      return "unknown_session";
    case Drop::other_term:
      return "other_term";
    case Drop::wrong_peer:
      return "wrong_peer";
    case Drop::forged:
      return "forged";
    case Drop::replayed:
      return "replayed";
    case Drop::out_of_order:
      return "out_of_order";
    case Drop::not_allowed:
      return "not_allowed";
    case Drop::key_refused:
      return "key_refused";
    case Drop::turned_away:
      return "turned_away";
    case Drop::queue_full:
      return "queue_full";
  }
  return "?";
}

}  // namespace fulmar::transport
