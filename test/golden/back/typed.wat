;; failed type-validation
(module
  (type (;0;) (func (param i32) (result f64)))
  (type (;1;) (func))
  (type (;2;) (func (param i64 i32) (result i64)))
  (type (;3;) (func (param i64) (result i64)))
  (type (;4;) (func (param f64) (result i64)))
  (type (;5;) (func (param i32 i32) (result i32)))
  (type (;6;) (func (param i64 i64 i32) (result i64)))
  (type (;7;) (func (param i32) (result i32)))
  (type (;8;) (func (param i32 i32) (result i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 1)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 1)))
  (import "rt" "expectType" (func $rt.expectType (type 2) (param i64 i32) (result i64)))
  (import "rt" "float" (func $rt.float (type 4) (param f64) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 5) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 6) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 7) (param i32) (result i32)))
  (import "rt" "decode" (func $rt.decode (type 8) (param i32 i32) (result i64)))
  (import "rt" "at" (func $rt.at (type 2) (param i64 i32) (result i64)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (global (;2;) (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    11)
  (func (;9;) (type 0) (param i32) (result f64)
    (local i64 i64 i64)
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 3
    global.set $rtfs:fuel
    local.get 3
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    local.get 0
    i32.eqz
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    i64.const 0
    drop
    global.get 2
    i32.const 65536
    call $rt.expectType
    drop
    f64.const 2
    f64.const 1.5
    f64.mul)
  (func $main (type 3) (param i64) (result i64)
    i32.const 65564
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func (;11;) (type 2) (param i64 i32) (result i64)
    (local i64)
    global.get $rtfs:fuel
    i64.const 1
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
    local.get 1
    call 9
    call $rt.float)
  (func $rtfs:init (type 1)
    (local i64)
    i32.const 78
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 78
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
    i32.const 65604
    i32.const 10
    call $rt.decode
    local.set 0
    local.get 0
    i32.const 0
    call $rt.at
    global.set 2)
  (data (;0;)
    "\14[:and :float [:> 0]]\15\02\03 \00\00\00\00\00\00\00"
    "\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00\05\00\00\00"
    "\06\00\00\00\81\fb?\f8\00\00\00\00\00\00")
)
