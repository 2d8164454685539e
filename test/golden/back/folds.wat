;; returned 120
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func))
  (type (;2;) (func (result i64)))
  (type (;3;) (func (param i64) (result i64)))
  (type (;4;) (func (param i64 i64)))
  (type (;5;) (func (param i32)))
  (type (;6;) (func (param i64) (result i32)))
  (type (;7;) (func (param i64 i64) (result i64)))
  (type (;8;) (func (param i32 i32) (result i32)))
  (type (;9;) (func (param i64 i64 i32) (result i64)))
  (type (;10;) (func (param i32) (result i32)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 1)))
  (import "rt" "vectorNew" (func $rt.vectorNew (type 2) (result i64)))
  (import "rt" "int" (func $rt.int (type 3) (param i64) (result i64)))
  (import "rt" "vectorPush" (func $rt.vectorPush (type 4) (param i64 i64)))
  (import "rt" "size" (func $rt.size (type 6) (param i64) (result i32)))
  (import "rt" "at" (func $rt.at (type 0) (param i64 i32) (result i64)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 1)))
  (import "rt" "b2_2" (func $rt.b2_2 (type 7) (param i64 i64) (result i64)))
  (import "rt" "b0_2" (func $rt.b0_2 (type 7) (param i64 i64) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 8) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 9) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 10) (param i32) (result i32)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    12)
  (func (;12;) (type 0) (param i64 i32) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local i32)
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 16
    global.set $rtfs:fuel
    local.get 16
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    call $rt.vectorNew
    local.set 2
    i64.const 0
    local.set 10
    i32.const 0
    local.set 17
    loop (result i64)  ;; @1
      local.get 10
      i64.const 10
      i64.lt_s
      if (result i64)  ;; @2
        local.get 10
        local.set 11
        local.get 11
        i32.wrap_i64
        i32.const 1
        i32.and
        i32.eqz
        if (result i64)  ;; @3
          local.get 2
          local.set 16
          local.get 16
          local.get 11
          call 13
          call $rt.vectorPush
          local.get 16
        else
          local.get 2
        end
        local.get 10
        i64.const 1
        i64.add
        local.set 10
        local.set 2
        local.get 17
        i32.const 1
        i32.add
        local.tee 17
        i32.const 64
        i32.ge_u
        if  ;; @3
          local.get 17
          call 14
          i32.const 0
          local.set 17
        end
        br 1 (;@1;)
      else
        local.get 2
      end
    end
    local.get 17
    call 14
    local.set 4
    local.get 4
    call $rt.size
    i64.extend_i32_u
    local.set 12
    call $rt.vectorNew
    local.set 5
    i64.const 0
    local.set 13
    i32.const 0
    local.set 17
    loop (result i64)  ;; @1
      local.get 13
      local.get 12
      i64.lt_s
      if (result i64)  ;; @2
        local.get 17
        i32.const 1
        i32.add
        local.set 17
        local.get 5
        local.set 16
        local.get 16
        local.get 4
        local.get 13
        i32.wrap_i64
        call $rt.at
        local.set 8
        local.get 1
        i32.eqz
        if  ;; @3
          call $rt.recursionLimit
          unreachable
        end
        i64.const 0
        drop
        local.get 8
        local.get 8
        call $rt.b2_2
        call $rt.vectorPush
        local.get 16
        local.get 13
        i64.const 1
        i64.add
        local.set 13
        local.set 5
        local.get 17
        i32.const 1
        i32.add
        local.tee 17
        i32.const 64
        i32.ge_u
        if  ;; @3
          local.get 17
          call 14
          i32.const 0
          local.set 17
        end
        br 1 (;@1;)
      else
        local.get 5
      end
    end
    local.get 17
    call 14
    local.set 6
    local.get 6
    call $rt.size
    i64.extend_i32_u
    local.set 14
    i64.const 1
    local.set 7
    i64.const 0
    local.set 15
    i32.const 0
    local.set 17
    loop (result i64)  ;; @1
      local.get 15
      local.get 14
      i64.lt_s
      if (result i64)  ;; @2
        local.get 7
        local.get 6
        local.get 15
        i32.wrap_i64
        call $rt.at
        call 15
        local.get 15
        i64.const 1
        i64.add
        local.set 15
        local.set 7
        local.get 17
        i32.const 1
        i32.add
        local.tee 17
        i32.const 64
        i32.ge_u
        if  ;; @3
          local.get 17
          call 14
          i32.const 0
          local.set 17
        end
        br 1 (;@1;)
      else
        local.get 7
      end
    end
    local.get 17
    call 14)
  (func (;13;) (type 3) (param i64) (result i64)
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
  (func (;14;) (type 5) (param i32)
    (local i64)
    global.get $rtfs:fuel
    local.get 0
    i64.extend_i32_u
    i64.sub
    local.tee 1
    global.set $rtfs:fuel
    local.get 1
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end)
  (func (;15;) (type 7) (param i64 i64) (result i64)
    (local i64)
    local.get 0
    local.get 1
    i64.and
    i64.const 1
    i64.and
    i32.wrap_i64
    if  ;; @1
      local.get 0
      local.get 1
      i64.const 1
      i64.sub
      i64.add
      local.tee 2
      local.get 0
      i64.xor
      local.get 2
      local.get 1
      i64.xor
      i64.and
      i64.const 0
      i64.ge_s
      if  ;; @2
        local.get 2
        return
      end
    end
    local.get 0
    local.get 1
    return_call $rt.b0_2)
  (func $main (type 3) (param i64) (result i64)
    i32.const 65536
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 1)
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
