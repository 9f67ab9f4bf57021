#include "actors/run_setup.hpp"

#include "actors/task_computation.hpp"

namespace fulmar::actors {

std::shared_ptr<RunContext> make_run_context(const Experiment& experiment, const core::Manifest& manifest,
                                             core::Term term) {
  const config::RunConfig& config = experiment.config();
  auto context = std::make_shared<RunContext>();
  context->manifest = manifest;
  context->shape = experiment.shape();
  context->optimizer = config.optimizer;
  context->verdict_rule.not_finite = config.policy.not_finite;
  context->shards = core::ShardMap(experiment.layout().size(), config.policy.shards);
  context->term = term;
  context->checkpoints_kept = config.checkpoint.keep;
  context->computation = [experiment] {
    return make_task_computation(experiment.shape(), experiment.task(), experiment.make_model());
  };
  core::SupervisorSettings& supervision = context->supervision;
  supervision.shape = experiment.shape();
  supervision.term = term;
  supervision.shards = config.policy.shards;
  supervision.end_version = experiment.end_version();
  supervision.patience = config.stop.patience;
  supervision.checkpoint_every_rounds = config.checkpoint.every_rounds;
  supervision.checkpoint_every = config.checkpoint.every;
  supervision.not_finite = config.policy.not_finite;
  supervision.liveness.value = config.policy.liveness;
  supervision.policy = config.policy.settings;
  return context;
}

}  // namespace fulmar::actors
