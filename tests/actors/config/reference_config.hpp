// The RUN.toml of the reference task, letter for letter as users are shown it.
#pragma once

#include <string>

namespace fulmar::config {

inline const std::string kReferenceConfig = R"toml([run]
name = "winds-downscaling"
seed = 1
directory = "runs/winds"          # checkpoints, journal, metrics.jsonl

[data]
kind = "netcdf"                   # netcdf | lorenz96
path = "/usr/share/ferret-vis/data/monthly_navy_winds.cdf"   # or a list or glob: joined along time, or by variable
targets = ["UWND", "VWND"]        # inputs = […] defaults to the targets; level = … selects one where there is a level axis
latitude = [-90, 87.5]            # optional window; longitude = […] likewise
train      = ["1982-01", "1988-12"]   # inclusive; a sample belongs to the split of its *target* time, inputs may precede it
validation = ["1989-01", "1990-12"]
test       = ["1991-01", "1992-12"]
cache = "512MB"

[[data.static]]                   # a field without time, remapped to the target grid
path = "/usr/share/ferret-vis/data/etopo60.cdf"
variable = "ROSE"
derive = ["land", "height"]

[task]
kind = "downscale"                # downscale | forecast (lags = […], leads = […])
factor = 4
anomalies = "month"               # none | month | dayofyear: climatology of the training period
residual = "climatology+bilinear" # the network learns what the base misses; "none" to learn the field itself

[model]
kind = "cnn"                      # linear | mlp | cnn
channels = [24, 24]
kernel = 3
activation = "relu"               # relu | elu | tanh
dropout = 0.1

[optimizer]
kind = "adam"                     # sgd | momentum | adam (L2 added to the gradient, as PyTorch's Adam) | adamw (decoupled)
learning_rate = 2e-3              # schedule = "constant" | "step" | "cosine", warmup_rounds = 0, clip_norm = …
weight_decay = 1e-4

[policy]
kind = "sync"                     # sync | bounded | async
leaf_size = 1                     # samples in a leaf
leaves = 8                        # leaves in an update, a power of two: batch = leaf_size × leaves = 8, in every policy
staleness = 4                     # bounded

[stop]
epochs = 60                       # or updates; patience = … (epochs without a better validation)

[checkpoint]
every = "30s"                     # or every_rounds = 100
keep = 3
)toml";

}  // namespace fulmar::config
