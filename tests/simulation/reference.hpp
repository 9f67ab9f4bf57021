// The run as one perfect machine has it: a plain loop, no messages, no state machines. A version follows from the one
// before it, from the unit that makes it and from the base of that; so all runs that there could be are a tree, of
// which what a simulation has reached is worked out, once. Each branch is one order of updates (timeline.hpp has a
// head's); of a synchronous run there is one alone. What the simulated cluster must equal, bit for bit.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "runtime/core/prescribed_order.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/core/verdict.hpp"
#include "tests/simulation/problem.hpp"
#include "tests/simulation/scenario.hpp"

namespace fulmar::simulation {

struct ReferenceVersion {
  const ReferenceVersion* before = nullptr;  ///< none: it is version 0
  Vector weights;
  std::vector<Vector> optimizer;
  core::RunState state;  ///< with validation as of this version

  // What made it of the one before.
  core::PrescribedUpdate update;
  core::Action action = core::Action::apply;  ///< stop: it is never made
  double loss_sum = 0, weight_sum = 0, squared_norm = 0;

  core::Version version() const { return state.version; }
};

class Reference {
 public:
  Reference(const Scenario& scenario, const Problem& problem);

  const ReferenceVersion& beginning() const { return beginning_; }
  /// What `update` makes of `before`, to which its base leads or which it is.
  const ReferenceVersion& after(const ReferenceVersion& before, const core::PrescribedUpdate& update);
  /// The same, where it was worked out before; none: nobody has ever got there.
  const ReferenceVersion* known_after(const ReferenceVersion& before, const core::PrescribedUpdate& update) const;
  /// A version that was worked out before, by what it is.
  const ReferenceVersion* known(core::Version version, const Vector& weights,
                                const std::vector<Vector>& optimizer) const;
  /// Where a run ends that has got to `version`; nothing: it goes on from there.
  std::optional<core::Version> end_up_to(const ReferenceVersion& version) const;

  // Of a synchronous run, which has one end alone.
  core::Version end() const { return end_; }
  /// It ends because a round is not finite.
  bool stopped() const { return stopped_; }

 private:
  ReferenceVersion make(const ReferenceVersion& before, const core::PrescribedUpdate& update) const;
  void run_synchronously();

  const Scenario& scenario_;
  const Problem& problem_;
  ReferenceVersion beginning_;
  std::map<std::tuple<const ReferenceVersion*, core::Unit, core::Version>, std::unique_ptr<const ReferenceVersion>>
      made_;
  core::Version end_ = 0;
  bool stopped_ = false;
};

}  // namespace fulmar::simulation
