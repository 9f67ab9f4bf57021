// fulmar policy ENDPOINT sync|bounded:S|async: has a running run go on by another policy, without losing anything.
#include "runtime/core/policy.hpp"

#include <cstdio>
#include <memory>
#include <string>

#include "actors/commands/command.hpp"
#include "actors/commands/head_client.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  HeadOptions head;
  std::string policy;
};

/// Whether the words are a policy at all shows here; the head says whether the run can go on by it.
Result<void> check(const Options& options) {
  const Result<core::PolicySettings> policy = core::parse_policy(options.policy, {});
  return policy ? Result<void>() : policy.error();
}

int run(const Options& options) {
  const Result<transport::Done> done =
      ask_as_told<transport::Done>(options.head, transport::PolicyRequest{options.policy});
  if (!done) return report_failure(done.error());
  std::printf("the run works by %s from the next version boundary on\n", options.policy.c_str());
  return kSuccess;
}

}  // namespace

Command add_policy(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("policy", "Change the policy of a running run");
  add_head_options(*command, options->head);
  command
      ->add_option("POLICY", options->policy,
                   "sync: rounds, one update after the other; bounded:S: each node computes updates of its own, none "
                   "from weights more than S updates old; async: likewise, without a bound")
      ->required();
  command->parse_complete_callback([options] { insist_on(check(*options)); });
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
