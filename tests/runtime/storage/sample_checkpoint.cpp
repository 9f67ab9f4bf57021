#include "tests/runtime/storage/sample_checkpoint.hpp"

#include <algorithm>

namespace fulmar::storage {
namespace {

bool same_tensors(std::span<const Tensor> expected, std::span<const Tensor> found) {
  const auto same = [](const Tensor& a, const Tensor& b) {
    return a.name == b.name && a.shape == b.shape &&
           std::equal(a.values.begin(), a.values.end(), b.values.begin(), b.values.end());
  };
  return std::equal(expected.begin(), expected.end(), found.begin(), found.end(), same);
}

}  // namespace

SampleCheckpoint::SampleCheckpoint(core::Version version, core::CheckpointKind kind) {
  state_.kind = kind;
  state_.run_id = "0123456789abcdef0123456789abcdef";
  state_.term = 2;
  state_.policy = "sync";
  state_.seed = 18446744073709551615U;
  state_.config_sha256 = std::string(64, 'c');
  state_.run.version = version;
  state_.run.updates_applied = version - 1;
  state_.run.voided_in_a_row = 1;
  state_.run.ledger =
      core::Ledger::restore(3, 8 * version, 100 * version, {{version / 2, 1, 16, 8}, {version, 3, 0, 8}});
  state_.run.validation.best = core::ValidationRecord{version - 1, 0.1 + 1.0 / static_cast<double>(version)};
  state_.run.validation.checks_without_better = 2;
  state_.run.train_loss = 1.0 / 3.0;

  for (std::size_t i = 0; i < 60; ++i) values_.push_back(static_cast<float>(version) + static_cast<float>(i) / 7.0F);
  const std::span<const float> values(values_);
  weights_ = {{"0.bias", {4}, values.first(4)}, {"0.weight", {4, 2, 2}, values.subspan(4, 16)}};
  if (kind == core::CheckpointKind::full) {
    optimizer_ = {{"exp_avg.0.bias", {4}, values.subspan(20, 4)},
                  {"exp_avg.0.weight", {4, 2, 2}, values.subspan(24, 16)},
                  {"exp_avg_sq.0.bias", {4}, values.subspan(40, 4)},
                  {"exp_avg_sq.0.weight", {4, 2, 2}, values.subspan(44, 16)}};
  }
}

bool SampleCheckpoint::equals(const LoadedCheckpoint& loaded) const {
  return loaded.state == state_ && same_tensors(weights_, loaded.weights.tensors) &&
         same_tensors(optimizer_, loaded.optimizer.tensors);
}

void must(const Result<void>& result) {
  FULMAR_ASSERT(result.ok(), "a test expected success: " + result.error().message);
}

void write_samples(FaultyStorage& storage, const std::vector<core::Version>& versions) {
  CheckpointStore store(storage);
  must(store.recover());
  for (const core::Version version : versions) must(store.write(SampleCheckpoint(version).contents()));
}

}  // namespace fulmar::storage
