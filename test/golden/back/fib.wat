;; returned 55
(module
  (type (;0;) (func (param i32) (result i64)))
  (type (;1;) (func (param i64 i32) (result i64)))
  (type (;2;) (func))
  (type (;3;) (func (param i32)))
  (type (;4;) (func (param i64) (result i64)))
  (type (;5;) (func (param i32 i32) (result i32)))
  (type (;6;) (func (param i64 i64 i32) (result i64)))
  (type (;7;) (func (param i32) (result i32)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 2)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 2)))
  (import "rt" "overflow" (func $rt.overflow (type 3) (param i32)))
  (import "rt" "int" (func $rt.int (type 4) (param i64) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 5) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 6) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 7) (param i32) (result i32)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    10)
  (func (;7;) (type 0) (param i32) (result i64)
    (local i64)
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 1
    global.set $rtfs:fuel
    local.get 1
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    i64.const 10
    local.get 0
    call 8)
  (func (;8;) (type 1) (param i64 i32) (result i64)
    (local i64 i64 i64 i64)
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
    local.get 0
    i64.const 2
    i64.lt_s
    if (result i64)  ;; @1
      local.get 0
    else
      global.get $rtfs:fuel
      i64.const 2
      i64.sub
      local.tee 2
      global.set $rtfs:fuel
      local.get 2
      i64.const 0
      i64.lt_s
      if  ;; @2
        call $rt.outOfFuel
        unreachable
      end
      local.get 0
      i64.const -1
      i64.add
      local.tee 5
      local.get 0
      i64.gt_s
      if  ;; @2
        i32.const 1
        call $rt.overflow
        unreachable
      end
      local.get 5
      local.get 1
      call 8
      local.set 2
      local.get 0
      i64.const -2
      i64.add
      local.tee 5
      local.get 0
      i64.gt_s
      if  ;; @2
        i32.const 1
        call $rt.overflow
        unreachable
      end
      local.get 5
      local.get 1
      call 8
      local.set 3
      local.get 2
      local.get 3
      i64.add
      local.tee 4
      local.get 2
      i64.xor
      local.get 4
      local.get 3
      i64.xor
      i64.and
      i64.const 0
      i64.lt_s
      if  ;; @2
        i32.const 0
        call $rt.overflow
        unreachable
      end
      local.get 4
    end)
  (func $main (type 4) (param i64) (result i64)
    i32.const 65536
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func (;10;) (type 1) (param i64 i32) (result i64)
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
    call 7
    call 11)
  (func (;11;) (type 4) (param i64) (result i64)
    (local i64)
    local.get 0
    i64.const 1
    i64.shl
    local.tee 1
    i64.const 1
    i64.shr_s
    local.get 0
    i64.eq
    if  ;; @1
      local.get 1
      i64.const 1
      i64.or
      return
    end
    local.get 0
    return_call $rt.int)
  (func $rtfs:init (type 2)
    i32.const 40
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 40
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
    table.init 0)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00"
    "\05\00\00\00\06\00\00\00")
)
