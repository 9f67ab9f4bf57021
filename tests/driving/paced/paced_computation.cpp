#include "tests/driving/paced/paced_computation.hpp"

#include <charconv>
#include <thread>
#include <utility>

namespace fulmar::testing {
namespace {

using Clock = std::chrono::steady_clock;

class PacedComputation final : public actors::Computation {
 public:
  PacedComputation(std::unique_ptr<actors::Computation> real, Pace pace) : real_(std::move(real)), pace_(pace) {}

  actors::LeafResult gradient(std::span<const float> weights, core::Unit unit, std::uint64_t leaf,
                              std::span<float> gradient) override {
    const Clock::time_point end = Clock::now() + pace_;
    const actors::LeafResult result = real_->gradient(weights, unit, leaf, gradient);
    occupy_until(end);
    return result;
  }

  actors::LeafResult validation_loss(std::span<const float> weights, std::uint64_t leaf) override {
    const Clock::time_point end = Clock::now() + pace_;
    const actors::LeafResult result = real_->validation_loss(weights, leaf);
    occupy_until(end);
    return result;
  }

 private:
  static void occupy_until(Clock::time_point end) {
    std::this_thread::sleep_until(end);  // style: allow(no-sleep) because time that passes is what this stands for
  }

  std::unique_ptr<actors::Computation> real_;
  Pace pace_;
};

}  // namespace

Result<Pace> parse_pace(const std::string& milliseconds) {
  double value = 0;
  const char* end = milliseconds.data() + milliseconds.size();
  const auto [read, problem] = std::from_chars(milliseconds.data(), end, value);
  if (problem != std::errc{} || read != end || !(value >= 0 && value <= 1e6)) {
    return Error{"FULMAR_PACE_MS=" + milliseconds + " is not a number of milliseconds from 0 to 1000000"};
  }
  return std::chrono::duration_cast<Pace>(std::chrono::duration<double, std::milli>(value));
}

actors::ComputationFactory paced(actors::ComputationFactory real, Pace pace) {
  return [real = std::move(real), pace]() -> std::unique_ptr<actors::Computation> {
    return std::make_unique<PacedComputation>(real(), pace);
  };
}

}  // namespace fulmar::testing
