# src: model, view and the joint to the protocol
