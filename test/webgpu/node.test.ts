// One bundle, so that the suites share a device: a software driver takes minutes to compile the shaders for another one. The contract in int8
// runs in the browser only, whose software driver is several times faster; here the checkpoints try int8.
import "./nodeGpu";
import "./tokenChooser";
import "./checkpoints";
import "./contractF32";
import "./likeliestF32";
import "./split";
// The last: it destroys the device.
import "./device";
