#include "data/local_ridge.hpp"

#include <algorithm>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace fulmar::data {
namespace {

constexpr double kRidge = 0.1;
constexpr std::size_t kNeighbours = 9;

Eigen::Index as_index(std::size_t i) {
  return static_cast<Eigen::Index>(i);
}

}  // namespace

struct LocalRidge::Cells {
  std::size_t rows, columns, factor, inputs, targets;
  bool periodic;
  std::vector<Eigen::MatrixXd> gram;          ///< XᵀX by cell
  std::vector<Eigen::MatrixXd> cross;         ///< XᵀY by cell
  std::vector<Eigen::MatrixXd> coefficients;  ///< by cell, [predictor][target · factor² + point]

  std::size_t size() const { return rows * columns; }

  std::size_t neighbour(std::size_t cell, std::size_t k) const {
    const std::size_t row = cell / columns + k / 3, column = cell % columns + k % 3;  // one too far south and west
    const std::size_t clamped_row = std::clamp<std::size_t>(row, 1, rows) - 1;
    if (periodic) return clamped_row * columns + (column + columns - 1) % columns;
    return clamped_row * columns + std::clamp<std::size_t>(column, 1, columns) - 1;
  }

  Eigen::VectorXd predictors(std::size_t cell, std::span<const float> coarse) const {
    Eigen::VectorXd x(as_index(inputs * kNeighbours));
    for (std::size_t v = 0; v < inputs; ++v)
      for (std::size_t k = 0; k < kNeighbours; ++k)
        x(as_index(v * kNeighbours + k)) = static_cast<double>(coarse[v * size() + neighbour(cell, k)]);
    return x;
  }

  /// Where element `k` of a cell's outcome lies among the fine fields.
  std::size_t fine_index(std::size_t cell, std::size_t k) const {
    const std::size_t target = k / (factor * factor), point = k % (factor * factor);
    const std::size_t row = cell / columns * factor + point / factor;
    const std::size_t column = cell % columns * factor + point % factor;
    return (target * rows * factor + row) * columns * factor + column;
  }
};

LocalRidge::LocalRidge(const Regridding& regridding, bool periodic, std::size_t inputs, std::size_t targets)
    : cells_(std::make_unique<Cells>()) {
  cells_->rows = regridding.coarse_rows();
  cells_->columns = regridding.coarse_columns();
  cells_->factor = regridding.factor();
  cells_->inputs = inputs;
  cells_->targets = targets;
  cells_->periodic = periodic;
  const auto predictors = as_index(inputs * kNeighbours);
  const auto outcomes = as_index(targets * cells_->factor * cells_->factor);
  cells_->gram.assign(cells_->size(), Eigen::MatrixXd::Zero(predictors, predictors));
  cells_->cross.assign(cells_->size(), Eigen::MatrixXd::Zero(predictors, outcomes));
}

LocalRidge::~LocalRidge() = default;
LocalRidge::LocalRidge(LocalRidge&&) noexcept = default;

void LocalRidge::add(std::span<const float> coarse_anomalies, std::span<const float> fine_anomalies) {
  Eigen::VectorXd y(cells_->cross.front().cols());
  for (std::size_t cell = 0; cell < cells_->size(); ++cell) {
    const Eigen::VectorXd x = cells_->predictors(cell, coarse_anomalies);
    for (Eigen::Index k = 0; k < y.size(); ++k)
      y(k) = static_cast<double>(fine_anomalies[cells_->fine_index(cell, static_cast<std::size_t>(k))]);
    cells_->gram[cell].noalias() += x * x.transpose();
    cells_->cross[cell].noalias() += x * y.transpose();
  }
}

void LocalRidge::solve() {
  cells_->coefficients.resize(cells_->size());
  for (std::size_t cell = 0; cell < cells_->size(); ++cell) {
    Eigen::MatrixXd& gram = cells_->gram[cell];
    const double lambda = kRidge * gram.trace() / static_cast<double>(gram.rows());
    // A cell that is always missing has nothing to learn from; 1 keeps its system solvable, and the answer is 0.
    gram.diagonal().array() += lambda > 0 ? lambda : 1.0;
    cells_->coefficients[cell] = gram.ldlt().solve(cells_->cross[cell]);
  }
}

void LocalRidge::predict(std::span<const float> coarse_anomalies, std::span<float> fine_anomalies) const {
  for (std::size_t cell = 0; cell < cells_->size(); ++cell) {
    const Eigen::VectorXd y = cells_->coefficients[cell].transpose() * cells_->predictors(cell, coarse_anomalies);
    for (Eigen::Index k = 0; k < y.size(); ++k)
      fine_anomalies[cells_->fine_index(cell, static_cast<std::size_t>(k))] = static_cast<float>(y(k));
  }
}

}  // namespace fulmar::data
