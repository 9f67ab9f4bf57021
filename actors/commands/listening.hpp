// How others reach a training: what --listen, --keys and --insecure ask for, and the end of the network that follows.
// Thread rule: called from main() only.
//
// LISTEN-1: whoever is on another machine is heard only with keys, or where --insecure says that this is wanted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/run_context.hpp"
#include "runtime/transport/head_transport.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

struct Listening {
  std::string endpoint;  ///< empty: nobody joins
  std::string keys;      ///< the head's directory; empty: in clear
  bool insecure = false;

  bool is_wanted() const { return !endpoint.empty(); }
};

/// What can be told without a look at the machine: LISTEN-1, and that nothing is missing.
Result<void> check(const Listening& wanted);
/// Whether keys and addresses can be used: takes the addresses and lets go of them, so that no run directory is claimed
/// for a head that cannot listen.
Result<void> rehearse(const Listening& wanted);

/// Listens, for a run that is open.
Result<std::shared_ptr<transport::HeadTransport>> listen(const Listening& wanted, const actors::RunContext& context);

/// Where it listens, and the command that others join with.
std::string invitation(const Listening& wanted, const transport::HeadTransport& transport);

/// As on the command line.
std::vector<std::string> words_of(const Listening& wanted);

}  // namespace fulmar::commands
