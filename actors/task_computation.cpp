#include "actors/task_computation.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "runtime/core/vector_arithmetic.hpp"

namespace fulmar::actors {
namespace {

class TaskComputation final : public Computation {
 public:
  TaskComputation(const core::RunShape& shape, std::shared_ptr<const data::Task> task,
                  std::unique_ptr<models::Model> model)
      : shape_(shape),
        task_(std::move(task)),
        model_(std::move(model)),
        input_(shape.leaf_size * task_->input_extent().size()),
        target_(shape.leaf_size * task_->output_extent().size()),
        mask_(target_.size()) {}

  LeafResult gradient(std::span<const float> weights, core::Unit unit, std::uint64_t leaf,
                      std::span<float> gradient) override {
    const std::vector<std::uint64_t> samples = shape_.leaf_samples(unit, leaf);
    const models::LeafSums sums =
        model_->gradient(weights, load(data::Split::train, samples), shape_.seed, unit, gradient);
    return {sums.loss_sum, sums.weight_sum, std::isfinite(sums.loss_sum) && core::all_finite(gradient)};
  }

  LeafResult validation_loss(std::span<const float> weights, std::uint64_t leaf) override {
    const std::vector<std::uint64_t> samples = shape_.validation_leaf_samples(leaf);
    const models::LeafSums sums = model_->loss(weights, load(data::Split::validation, samples));
    return {sums.loss_sum, sums.weight_sum, std::isfinite(sums.loss_sum)};
  }

 private:
  models::Batch load(data::Split split, const std::vector<std::uint64_t>& samples) {
    const std::size_t inputs = task_->input_extent().size();
    const std::size_t targets = task_->output_extent().size();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const Result<void> loaded =
          task_->load(split, samples[i], std::span(input_).subspan(i * inputs, inputs),
                      std::span(target_).subspan(i * targets, targets), std::span(mask_).subspan(i * targets, targets));
      if (!loaded) throw std::runtime_error(loaded.error().message);
    }
    return {input_, target_, mask_, task_->area_weight(), samples};
  }

  core::RunShape shape_;
  std::shared_ptr<const data::Task> task_;
  std::unique_ptr<models::Model> model_;
  std::vector<float> input_;
  std::vector<float> target_;
  std::vector<std::uint8_t> mask_;
};

}  // namespace

std::unique_ptr<Computation> make_task_computation(const core::RunShape& shape, std::shared_ptr<const data::Task> task,
                                                   std::unique_ptr<models::Model> model) {
  return std::make_unique<TaskComputation>(shape, std::move(task), std::move(model));
}

}  // namespace fulmar::actors
