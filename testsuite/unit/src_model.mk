# unit tests: model and view
