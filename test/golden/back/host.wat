;; needs-host kv.get ["a" {:fresh true}]
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func (param i32 i32 i32) (result i32)))
  (type (;2;) (func))
  (type (;3;) (func (param i32) (result i32)))
  (type (;4;) (func (param i32 i32) (result i64)))
  (type (;5;) (func (param i32 i32) (result i32)))
  (type (;6;) (func (param i32) (result i64)))
  (type (;7;) (func (param i64) (result i64)))
  (type (;8;) (func (param i64 i64 i32) (result i64)))
  (import "host" "call" (func $host.call (type 1) (param i32 i32 i32) (result i32)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 2)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 2)))
  (import "rt" "args" (func $rt.args (type 3) (param i32) (result i32)))
  (import "rt" "mapFrom" (func $rt.mapFrom (type 4) (param i32 i32) (result i64)))
  (import "rt" "encodeArguments" (func $rt.encodeArguments (type 5) (param i32 i32) (result i32)))
  (import "rt" "reply" (func $rt.reply (type 6) (param i32) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 5) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 8) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 3) (param i32) (result i32)))
  (import "rt" "decode" (func $rt.decode (type 4) (param i32 i32) (result i64)))
  (import "rt" "at" (func $rt.at (type 0) (param i64 i32) (result i64)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (global (;2;) (mut i64) (i64.const 0))
  (global (;3;) (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    12)
  (func (;12;) (type 0) (param i64 i32) (result i64)
    (local i64)
    global.get $rtfs:fuel
    i64.const 2
    i64.sub
    local.tee 2
    global.set $rtfs:fuel
    local.get 2
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    global.get 2
    local.get 1
    call 13)
  (func (;13;) (type 0) (param i64 i32) (result i64)
    (local i32 i32)
    local.get 1
    i32.const 1
    i32.sub
    local.tee 1
    i32.const 0
    i32.lt_s
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    i32.const 2
    call $rt.args
    local.set 2
    local.get 2
    local.get 0
    i64.store
    local.get 2
    i32.const 2
    call $rt.args
    local.set 3
    local.get 3
    global.get 3
    i64.store
    local.get 3
    i64.const 4
    i64.store offset=8
    local.get 3
    i32.const 1
    call $rt.mapFrom
    i64.store offset=8
    i32.const 0
    local.get 2
    i32.const 2
    call $rt.encodeArguments
    local.tee 3
    i32.const 4
    i32.add
    local.get 3
    i32.load
    call $host.call
    call $rt.reply)
  (func $main (type 7) (param i64) (result i64)
    i32.const 65536
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 2)
    (local i64)
    i32.const 50
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 50
    memory.init 0
    ref.null func
    i32.const 1
    table.grow $rt.table
    i32.const 13
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 13
    i32.const 0
    i32.const 1
    table.init 0
    i32.const 65576
    i32.const 10
    call $rt.decode
    local.set 0
    local.get 0
    i32.const 0
    call $rt.at
    global.set 2
    local.get 0
    i32.const 1
    call $rt.at
    global.set 3)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00"
    "\05\00\00\00\06\00\00\00\82aa\c6efresh")
)
