// The determinism class of a node: one digest of what all of its arithmetic yields on fixed inputs.
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "actors/experiment.hpp"
#include "models/arithmetic.hpp"
#include "models/self_test.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/storage/sha256.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::actors {
namespace {

constexpr std::size_t kFloats = 1003;  // a vector body and a tail
constexpr std::uint64_t kUpdates = 5;

std::vector<float> numbers(std::uint64_t sample) {
  const RandomStream stream(1, Purpose::simulation, 0, sample);
  std::vector<float> values(kFloats);
  for (std::size_t i = 0; i < kFloats; ++i) values[i] = stream.uniform(i) - 0.5F;
  return values;
}

/// The weights after some updates, as a digest.
std::uint64_t optimizer_digest(core::OptimizerKind kind) {
  core::OptimizerSettings settings;
  settings.kind = kind;
  settings.weight_decay = 1e-2;
  settings.clip_norm = 1;
  settings.schedule = {core::ScheduleKind::cosine, 1e-2, 2, 0, 0.1, kUpdates, 1e-4};
  std::vector<float> weights = numbers(1);
  std::vector<std::vector<float>> state(core::state_vectors(kind), std::vector<float>(kFloats));
  std::vector<std::span<const float>> state_in(state.begin(), state.end());
  std::vector<std::span<float>> state_out(state.begin(), state.end());
  for (std::uint64_t update = 0; update < kUpdates; ++update) {
    std::vector<float> gradient = numbers(2 + update);
    core::add(gradient, numbers(100 + update));
    const core::StepConstants constants = core::step_constants(settings, update, 8, core::squared_norm(gradient));
    core::optimizer_step(kind, constants, gradient, weights, weights, state_in, state_out);
  }
  return core::digest(weights);
}

}  // namespace

std::string determinism_class() {
  models::prepare_compute_thread();
  std::ostringstream text;
  text << "kernels " << models::kKernelSetVersion << '\n';
  for (const auto& [name, digest] : models::self_test()) text << name << ' ' << digest << '\n';
  for (const auto kind : {core::OptimizerKind::sgd, core::OptimizerKind::momentum, core::OptimizerKind::adam,
                          core::OptimizerKind::adamw}) {
    text << "optimizer " << static_cast<int>(kind) << ' ' << optimizer_digest(kind) << '\n';
  }
  return storage::sha256_hex(std::as_bytes(std::span(text.view())));
}

}  // namespace fulmar::actors
