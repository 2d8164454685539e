;; returned 120
(module
  (type (;0;) (func (param i32) (result i64)))
  (type (;1;) (func (result i64)))
  (type (;2;) (func (param i64) (result i64)))
  (type (;3;) (func (param i64 i64) (result i64)))
  (type (;4;) (func (param i64 i64)))
  (type (;5;) (func (param i32)))
  (type (;6;) (func))
  (type (;7;) (func (param i64 i32) (result i64)))
  (type (;8;) (func (param i64 i32) (result i32)))
  (type (;9;) (func (param i32 i32) (result i32)))
  (type (;10;) (func (param i64 i64 i32) (result i64)))
  (type (;11;) (func (param i32) (result i32)))
  (import "rt" "vectorNew" (func $rt.vectorNew (type 1) (result i64)))
  (import "rt" "int" (func $rt.int (type 2) (param i64) (result i64)))
  (import "rt" "vectorPush" (func $rt.vectorPush (type 4) (param i64 i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 6)))
  (import "rt" "at" (func $rt.at (type 7) (param i64 i32) (result i64)))
  (import "rt" "slotOf" (func $rt.slotOf (type 8) (param i64 i32) (result i32)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 6)))
  (import "rt" "mulInt" (func $rt.mulInt (type 3) (param i64 i64) (result i64)))
  (import "rt" "overflow" (func $rt.overflow (type 5) (param i32)))
  (import "rt" "closure" (func $rt.closure (type 9) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 10) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 11) (param i32) (result i32)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    20)
  (func (;12;) (type 0) (param i32) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local i32 i32)
    (local i64 i64 i64 i64 i64)
    call $rt.vectorNew
    local.set 1
    i64.const 0
    local.set 7
    local.get 7
    local.set 15
    loop (result i64)  ;; @1
      loop  ;; @2
        local.get 7
        local.get 15
        i64.lt_s
        if  ;; @3
          local.get 7
          local.set 8
          local.get 8
          i32.wrap_i64
          i32.const 1
          i32.and
          i32.eqz
          if (result i64)  ;; @4
            local.get 1
            local.get 8
            call 13
            call 14
          else
            local.get 1
          end
          local.get 7
          i64.const 1
          i64.add
          local.set 7
          local.set 1
          br 1 (;@2;)
        end
      end
      local.get 7
      i64.const 10
      i64.lt_s
      if  ;; @2
        i64.const 10
        local.get 7
        i64.sub
        local.tee 16
        i64.const 256
        local.get 16
        i64.const 256
        i64.lt_u
        select
        local.tee 16
        local.get 7
        i64.add
        local.set 15
        local.get 16
        i32.wrap_i64
        call 15
        br 1 (;@1;)
      end
      local.get 1
    end
    local.set 3
    local.get 3
    i32.wrap_i64
    i32.load offset=4
    i64.extend_i32_u
    local.set 9
    call $rt.vectorNew
    local.set 4
    i64.const 0
    local.set 10
    i64.const 0
    local.set 15
    i32.const 0
    local.set 18
    local.get 10
    local.set 16
    loop (result i64)  ;; @1
      loop  ;; @2
        local.get 10
        local.get 16
        i64.lt_s
        if  ;; @3
          local.get 18
          i32.const 1
          i32.add
          local.set 18
          local.get 4
          local.get 10
          local.get 15
          i64.ge_s
          if  ;; @4
            local.get 3
            local.get 10
            i32.wrap_i64
            call 16
            local.tee 20
            i32.wrap_i64
            local.set 17
            local.get 20
            i64.const 32
            i64.shr_u
            local.get 10
            i64.add
            local.set 15
          end
          local.get 17
          local.get 10
          i32.wrap_i64
          i32.const 3
          i32.shl
          i32.add
          i64.load
          call 17
          local.set 14
          local.get 0
          i32.eqz
          if  ;; @4
            call $rt.recursionLimit
            unreachable
          end
          i64.const 0
          drop
          local.get 14
          local.get 14
          call 18
          call 13
          call 14
          local.get 10
          i64.const 1
          i64.add
          local.set 10
          local.set 4
          br 1 (;@2;)
        end
      end
      local.get 10
      local.get 9
      i64.lt_s
      if  ;; @2
        local.get 9
        local.get 10
        i64.sub
        local.tee 19
        i64.const 256
        local.get 19
        i64.const 256
        i64.lt_u
        select
        local.tee 19
        local.get 10
        i64.add
        local.set 16
        local.get 19
        i32.wrap_i64
        local.get 18
        i32.add
        i32.const 0
        local.set 18
        call 15
        br 1 (;@1;)
      end
      local.get 4
    end
    local.get 18
    call 15
    local.set 5
    local.get 5
    i32.wrap_i64
    i32.load offset=4
    i64.extend_i32_u
    local.set 11
    i64.const 0
    local.set 12
    i64.const 0
    local.set 13
    i64.const 0
    local.set 15
    local.get 13
    local.set 16
    loop (result i64)  ;; @1
      loop  ;; @2
        local.get 13
        local.get 16
        i64.lt_s
        if  ;; @3
          local.get 12
          local.set 20
          local.get 13
          local.get 15
          i64.ge_s
          if  ;; @4
            local.get 5
            local.get 13
            i32.wrap_i64
            call 16
            local.tee 23
            i32.wrap_i64
            local.set 18
            local.get 23
            i64.const 32
            i64.shr_u
            local.get 13
            i64.add
            local.set 15
          end
          local.get 18
          local.get 13
          i32.wrap_i64
          i32.const 3
          i32.shl
          i32.add
          i64.load
          call 17
          local.set 21
          local.get 20
          local.get 21
          i64.add
          local.tee 22
          local.get 20
          i64.xor
          local.get 22
          local.get 21
          i64.xor
          i64.and
          i64.const 0
          i64.lt_s
          if  ;; @4
            i32.const 0
            call $rt.overflow
            unreachable
          end
          local.get 22
          local.get 13
          i64.const 1
          i64.add
          local.set 13
          local.set 12
          br 1 (;@2;)
        end
      end
      local.get 13
      local.get 11
      i64.lt_s
      if  ;; @2
        local.get 11
        local.get 13
        i64.sub
        local.tee 19
        i64.const 256
        local.get 19
        i64.const 256
        i64.lt_u
        select
        local.tee 19
        local.get 13
        i64.add
        local.set 16
        local.get 19
        i32.wrap_i64
        call 15
        br 1 (;@1;)
      end
      local.get 12
    end)
  (func (;13;) (type 2) (param i64) (result i64)
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
  (func (;14;) (type 3) (param i64 i64) (result i64)
    (local i32 i32 i32)
    local.get 0
    i32.wrap_i64
    local.tee 2
    i32.load offset=16
    local.tee 3
    i32.load16_u
    local.tee 4
    local.get 3
    i32.load16_u offset=2
    i32.lt_u
    if  ;; @1
      local.get 3
      local.get 4
      i32.const 3
      i32.shl
      i32.add
      local.get 1
      i64.store offset=8
      local.get 3
      local.get 4
      i32.const 1
      i32.add
      i32.store16
      local.get 2
      local.get 2
      i32.load offset=4
      i32.const 1
      i32.add
      i32.store offset=4
      local.get 0
      return
    end
    local.get 0
    local.get 1
    call $rt.vectorPush
    local.get 0)
  (func (;15;) (type 5) (param i32)
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
  (func (;16;) (type 7) (param i64 i32) (result i64)
    (local i32)
    local.get 0
    i32.wrap_i64
    i32.load offset=8
    i32.const 255
    i32.eq
    if (result i64)  ;; @1
      i32.const 65536
      local.get 0
      local.get 1
      call $rt.at
      i64.store
      i32.const 65536
      local.get 1
      i32.const 3
      i32.shl
      i32.sub
      i64.extend_i32_u
      i64.const 4294967296
      i64.or
    else
      local.get 0
      local.get 1
      call $rt.slotOf
      local.get 1
      i32.const 3
      i32.shl
      i32.sub
      local.set 2
      i32.const 32
      local.get 0
      i32.wrap_i64
      i32.load offset=20
      local.get 1
      i32.add
      i32.const 31
      i32.and
      i32.sub
      i64.extend_i32_u
      i64.const 32
      i64.shl
      local.get 2
      i64.extend_i32_u
      i64.or
    end)
  (func (;17;) (type 2) (param i64) (result i64)
    local.get 0
    i32.wrap_i64
    i32.const 1
    i32.and
    if  ;; @1
      local.get 0
      i64.const 1
      i64.shr_s
      return
    end
    local.get 0
    i32.wrap_i64
    i64.load offset=8)
  (func (;18;) (type 3) (param i64 i64) (result i64)
    local.get 0
    local.get 0
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    local.get 1
    local.get 1
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    i32.and
    if  ;; @1
      local.get 0
      local.get 1
      i64.mul
      return
    end
    local.get 0
    local.get 1
    return_call $rt.mulInt)
  (func $main (type 2) (param i64) (result i64)
    i32.const 65544
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func (;20;) (type 7) (param i64 i32) (result i64)
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
    call 12
    call 13)
  (func $rtfs:init (type 6)
    i32.const 48
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 48
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
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00"
    "\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00")
)
