# Loa. `make` alone explains every target; what a step does stands in scripts/.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# With a new HOME rustup's cargo no longer finds its toolchains; they lie beside it.
ifeq ($(RUSTUP_HOME)$(wildcard $(HOME)/.rustup/toolchains/*),)
beside_cargo := $(abspath $(dir $(shell command -v cargo))../../.rustup)
ifneq ($(wildcard $(beside_cargo)),)
export RUSTUP_HOME := $(beside_cargo)
endif
endif

# How long the demo airs, in seconds; without it, until Ctrl-C.
DEMO_SECONDS ?=
# A folder with published test vectors.
VECTORS ?=
# How many power cuts `make powercut` makes.
CUTS ?= 200
# How many times `make e2e-audit` kills the desk while it takes in records.
KILLS ?= 200

.PHONY: help setup setup-boards build demo test attacks lint tidy deny e2e e2e-audit firmware e2e-board board-demo bench powercut vectors preview soak fmt clean

help: ## Giải thích các lệnh · Explains the targets
	@scripts/help.sh $(firstword $(MAKEFILE_LIST))

setup-boards:
	@scripts/setup.sh boards

setup: ## Cài các gói hệ thống còn thiếu · Installs the system packages that are missing
	@scripts/setup.sh

build: setup ## Dịch mọi chương trình · Builds every program
	@scripts/step.sh "Dịch · Build" cargo build --workspace --all-targets --locked

demo: setup ## Chạy thử cả hệ thống trên máy này (DEMO_SECONDS=120) · Runs the whole system on this machine
	@scripts/step.sh "Dịch · Build" cargo build --locked -p loa-server -p loa-agent
	@DEMO_SECONDS=$(DEMO_SECONDS) scripts/demo.sh

test: setup ## Chạy mọi kiểm tra trước khi gửi mã · Runs every check that a change must pass
	@scripts/test.sh

attacks: setup ## Những vụ đã xảy ra với loa, còi, bảng của người khác, thử trên Loa · What was done to others' sirens and boards, done to Loa
	@scripts/attacks.sh

lint: setup ## Định dạng, clippy, tài liệu · Format, clippy and documentation
	@scripts/lint.sh

tidy: ## Kiểm tra độ dài, phụ thuộc, đồng hồ · Budgets of the code: lengths, imports, clock
	@scripts/step.sh "Ngăn nắp · Tidy" cargo test --quiet --locked -p loa-tests --test tidy

deny: ## Giấy phép, nguồn và lỗ hổng của thư viện · Licences, sources and advisories of libraries
	@scripts/deny.sh

e2e: setup ## Kiểm thử toàn tuyến · Tests of the whole route, from timetable to audit
	@scripts/step.sh "Dịch · Build" cargo build --locked -p loa-server -p loa-agent
	@E2E_OUTAGE_SECONDS=$${E2E_OUTAGE_SECONDS:-600} scripts/step.sh "Toàn tuyến · End to end" cargo test --locked -p loa-tests --test story

e2e-audit: setup ## Bằng chứng từ đầu đến cuối, sửa trộm 200 chỗ mỗi kiểu · Evidence end to end; a log tampered with in every way
	@scripts/step.sh "Dịch · Build" cargo build --locked -p loa-server -p loa-agent
	@E2E_ONLY=audit,ingest E2E_DESK_KILLS=$(KILLS) scripts/step.sh "Toàn tuyến · End to end" cargo test --locked -p loa-tests --test story
	@LOA_TAMPER=full scripts/step.sh "Sửa trộm nhật ký · Tampering" cargo test --locked --release -p loa-verify --test tamper -- --nocapture

firmware: setup-boards ## Dịch chương trình của các bo · Builds the boards' programs; flash and RAM of each
	@scripts/firmware.sh

e2e-board: setup-boards ## Kiểm thử bảng điện tử trong QEMU · Tests of an LED board in an emulator, over a real line
	@scripts/board.sh test

board-demo: setup-boards ## Chạy thử bảng điện tử trong QEMU, lưu ảnh · Runs an LED board in an emulator, keeps pictures of it
	@scripts/board.sh demo

bench: setup ## Đo tốc độ · Measures how fast it is
	@scripts/bench.sh

powercut: setup ## Cắt điện đầu phát và bàn nhiều lần (CUTS=200) · Cuts a player's and a desk's power again and again
	@scripts/step.sh "Cắt điện đầu phát · Power cuts of a player" cargo test --locked -p loa-tests --test powercut -- --cuts $(CUTS)
	@scripts/step.sh "Cắt điện bàn · Power cuts of a desk" cargo test --locked -p loa-tests --test powercut -- --engine desk --cuts $(CUTS)

vectors: ## Bộ kiểm tra công khai (VECTORS=thư-mục) · Published test vectors (VECTORS=folder)
	@VECTORS='$(VECTORS)' scripts/vectors.sh

preview: setup ## Bộ vẽ bảng cho trình duyệt · The board's renderer for browsers
	@scripts/preview.sh target/preview.wasm

soak: setup ## Dữ liệu rác vào mọi bộ giải mã của thiết bị (RUNS=10000000, vài giờ) · Bytes that nobody meant, to every decoder of a player (a few hours)
	@scripts/soak.sh

fmt: ## Định dạng mã · Formats the code
	@cargo fmt --all

clean: ## Xóa những gì đã dịch · Removes what was built
	@cargo clean
	@rm -rf .demo
